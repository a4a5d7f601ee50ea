console.log('bullpen');
